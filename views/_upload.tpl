<section class="queue" id="queue" aria-labelledby="queue-title" hidden>
<h2 id="queue-title">{{_("Your files")}}</h2>
<ul class="rows" id="rows"></ul>
<div class="total">
<div class="grow"><progress id="whole" max="1" value="0" aria-labelledby="queue-title"></progress><p id="said"></p></div>
<button type="button" class="button" id="clear" hidden>{{_("Clear the list")}}</button>
<button type="button" class="button primary" id="start" hidden></button>
<a class="button primary" id="see" href="{{url("/u/" + viewer.username + "/gallery/")}}" hidden>{{_("See them")}}</a>
</div>
</section>
<p class="unseen" id="heard" role="status" aria-live="polite"></p>
<template id="row">
<li class="row" tabindex="0">
<span class="preview"><svg class="icon" aria-hidden="true"><use href="{{icons}}#file"/></svg><small aria-hidden="true"></small></span>
<span class="row-name"></span>
<span class="row-said"></span>
<progress max="1" value="0"></progress>
<button type="button" data-do="again" hidden><svg class="icon" aria-hidden="true"><use href="{{icons}}#retry"/></svg></button>
<button type="button" data-do="cancel"><svg class="icon" aria-hidden="true"><use href="{{icons}}#close"/></svg></button>
</li>
</template>
<template id="words" data-start-one="{{_("Add 1 file")}}" data-start="{{_("Add {count} files")}}"
 data-ready="{{_("Ready, {size}")}}" data-looking="{{_("Looking at it …")}}" data-waits="{{_("Waits for its turn")}}"
 data-begun="{{_("{percent} % of {size}")}}" data-going="{{_("{percent} % of {size}, {speed}/s")}}"
 data-resumed="{{_("Goes on where it stopped, at {percent} %")}}"
 data-lost="{{_("The connection is lost. Trying again in {seconds} s")}}" data-later="{{_("Trying again in {seconds} s")}}"
 data-done="{{_("Added.")}}" data-have="{{_("You already have this.")}}" data-look="{{_("Look at it")}}"
 data-stopped="{{_("Left out")}}" data-failed="{{_("This did not work. Try it again in a while.")}}"
 data-big="{{_("This file is {size}; the largest allowed is {max}.")}}" data-empty="{{_("This file is empty.")}}"
 data-gone="{{_("This file cannot be read any more. It may have been moved or changed; please choose it again.")}}"
 data-login="{{_("You are logged out. Log in again and choose the same files: they go on where they stopped.")}}"
 data-whole="{{_("{done} of {count} added, {size} to go, about {time} left")}}" data-whole-soon="{{_("{done} of {count} added")}}"
 data-finished="{{_("All {count} are in.")}}" data-finished-one="{{_("It is in.")}}"
 data-partly="{{_("{done} of {count} are in; the list says what happened to the others.")}}"
 data-hours="{{_("{hours} h {minutes} min")}}" data-minutes="{{_("{count} min")}}" data-seconds="{{_("{count} s")}}" data-pasted="{{_("Pasted")}}"
 data-again="{{_("Try {name} again")}}" data-cancel="{{_("Leave {name} out")}}"></template>
