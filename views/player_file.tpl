% if medium.view:
<img src="{{medium.view}}" alt="{{medium.title}}" width="{{medium.width or 1280}}" height="{{medium.height or 640}}">
% else:
<svg class="kind" role="img" aria-label="{{medium.title}}"><use href="{{asset("icons.svg")}}#file"/></svg>
% end
