% motion = medium.copies.get("motion")
% if medium.view and motion:
<link rel="stylesheet" href="{{asset("motion.css")}}">
<goblin-motion data-film="{{motion}}" data-play="{{_("Let it move")}}" data-stop="{{_("Hold it still")}}">
% end
% if medium.view:
<img class="picture" src="{{medium.view}}" srcset="{{medium.view_srcset}}" sizes="100vw" width="{{medium.width or 1280}}" height="{{medium.height or 1280}}" alt="{{medium.title}}" fetchpriority="high">
% else:
<div class="sentence">
<svg class="kind" aria-hidden="true"><use href="{{asset("icons.svg")}}#image"/></svg>
<p>{{_(medium.data.get("note", ""))}}</p>
</div>
% end
% if medium.view and motion:
<div class="moves">
<a class="mover" href="{{motion}}"><svg class="icon" aria-hidden="true"><use href="{{asset("icons.svg")}}#play"/></svg><span>{{_("Moves")}}</span></a>
</div>
</goblin-motion>
<script type="module" src="{{asset("motion.js")}}"></script>
% end
