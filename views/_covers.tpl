% icons = asset("icons.svg")
<ul class="covers">
% for one in covers:
<li><a href="{{one["href"]}}">
<span class="cover">
% if one["cover"] and one["cover"].thumb:
<img src="{{one["cover"].thumb}}" srcset="{{one["cover"].srcset}}" sizes="(max-width: 40rem) 46vw, 16rem" width="{{one["cover"].width}}" height="{{one["cover"].height}}" alt="" loading="lazy">
% else:
<svg class="kind" aria-hidden="true"><use href="{{icons}}#stack"/></svg>
% end
</span>
<strong>{{one["title"]}}</strong>\\
%   if "count" in one:
 <span class="muted">{{_("{count} in it").format(count=one["count"])}}</span>\\
%   elif "by" in one:
 <span class="muted">{{_("by {name}").format(name=one["by"])}}</span>\\
%   end
</a></li>
% end
</ul>
