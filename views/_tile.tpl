% icons = asset("icons.svg")
<a class="tile r{{!tile.ratio}}{{!"" if tile.width else " loose"}}{{!" clear" if tile.clear else ""}}" href="{{tile.href}}"><svg color="{{tile.placeholder if tile.thumb and not tile.holes else "transparent"}}" aria-hidden="true"></svg>\\
% if tile.thumb:
<img src="{{tile.thumb}}" srcset="{{tile.srcset}}" sizes="{{"auto, " if lazy else ""}}(max-width: 40rem) 46vw, {{!"20rem" if tile.ratio < 220 else "45rem"}}" width="{{!tile.ratio}}" height="100"{{!' loading="lazy"' if lazy else ""}} alt="{{tile.title}}">\\
% else:
<svg class="kind" role="img" aria-label="{{tile.title}}"><use href="{{icons}}#{{tile.kind}}"/></svg>\\
% end
<span class="name" aria-hidden="true">{{tile.title}}</span>\\
% if tile.kind != "image" or tile.animated or tile.visibility == "private":
%   include("_sign.tpl", tile=tile)
% end
</a>
