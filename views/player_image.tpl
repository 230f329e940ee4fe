% if medium.view:
<img class="picture" src="{{medium.view}}" srcset="{{medium.view_srcset}}" sizes="100vw" width="{{medium.width or 1280}}" height="{{medium.height or 1280}}" alt="{{medium.title}}" fetchpriority="high">
% else:
<div class="sentence">
<svg class="kind" aria-hidden="true"><use href="{{asset("icons.svg")}}#image"/></svg>
<p>{{_(medium.data.get("note", ""))}}</p>
</div>
% end
