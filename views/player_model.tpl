<link rel="stylesheet" href="{{asset("model.css")}}">
<goblin-model\\
% if medium.copies.get("mesh"):
 data-mesh="{{medium.copies["mesh"]}}"\\
% end
 data-name="{{medium.title}}" data-role="{{_("model in three dimensions")}}" data-cannot="{{_("It cannot be turned here; these are pictures of it.")}}">
<div class="room">
<img class="shot" src="{{medium.view}}" srcset="{{medium.view_srcset}}" sizes="(min-width: 80rem) 70rem, 100vw" width="1280" height="1280" alt="{{medium.title}}" fetchpriority="high">
<template>
<p class="unseen">{{_("Turn it with the arrow keys, come nearer with plus, go back with minus, start again with 0.")}}</p>
<div class="tools">
<button type="button" data-do="nearer" title="{{_("Nearer")}} (+)" aria-label="{{_("Nearer")}}"><span aria-hidden="true">+</span></button>
<button type="button" data-do="farther" title="{{_("Farther")}} (−)" aria-label="{{_("Farther")}}"><span aria-hidden="true">−</span></button>
<button type="button" data-do="again" title="{{_("Start again")}} (0)" aria-label="{{_("Start again")}}"><svg class="icon" aria-hidden="true"><use href="{{asset("icons.svg")}}#retry"/></svg></button>
</div>
</template>
</div>
<ul class="sides" aria-label="{{_("Seen from")}}">
% for role, label in (("perspective", _("Corner")), ("front", _("Front")), ("side", _("Side")), ("top", _("Above"))):
%   if medium.copies.get(role):
<li><a href="{{medium.copies[role]}}" data-side="{{role}}"><img src="{{medium.copies[role] if role != "perspective" else medium.thumb}}" alt="" width="96" height="96" loading="lazy"><span>{{label}}</span></a></li>
%   end
% end
</ul>
</goblin-model>
<script type="module" src="{{asset("model.js")}}"></script>
