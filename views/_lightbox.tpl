% icons = asset("icons.svg")
<template id="lightbox">
<dialog class="lightbox" aria-label="{{_("Picture in large")}}" tabindex="-1">
<div class="lightbox-bar">
<h2 class="lightbox-title" aria-live="polite"></h2>
<p class="lightbox-place" data-of="{{_("{number} of {count}")}}"></p>
<button type="button" data-do="facts" aria-pressed="false" title="{{_("Facts about it")}} (i)"><svg class="icon" role="img" aria-label="{{_("Facts about it")}}"><use href="{{icons}}#info"/></svg></button>
<button type="button" data-do="slideshow" aria-pressed="false" title="{{_("Slideshow")}} ({{_("Space")}})"><svg class="icon" role="img" aria-label="{{_("Slideshow")}}"><use href="{{icons}}#play"/></svg></button>
<button type="button" data-do="screen" aria-pressed="false" title="{{_("Full screen")}} (f)"><svg class="icon" role="img" aria-label="{{_("Full screen")}}"><use href="{{icons}}#full"/></svg></button>
<button type="button" data-do="close" title="{{_("Close")}} (Esc)"><svg class="icon" role="img" aria-label="{{_("Close")}}"><use href="{{icons}}#close"/></svg></button>
</div>
<div class="lightbox-stage"></div>
<button type="button" class="step back" data-do="previous"><svg class="icon" role="img" aria-label="{{_("Previous")}}"><use href="{{icons}}#left"/></svg></button>
<button type="button" class="step on" data-do="next"><svg class="icon" role="img" aria-label="{{_("Next")}}"><use href="{{icons}}#right"/></svg></button>
<aside class="lightbox-facts" aria-label="{{_("Facts about it")}}" hidden></aside>
<p class="lightbox-trouble" role="status" hidden>{{_("This did not load. Look at its own page instead:")}} <a></a></p>
</dialog>
</template>
