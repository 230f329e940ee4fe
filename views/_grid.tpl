% icons = asset("icons.svg")
% by_day = get("days", False)
% last = None
% lazy = ' loading="lazy" decoding="async"'
<div class="grid" data-grid>
% for number, tile in enumerate(items):
% if by_day and tile.day != last:
%   last = tile.day
<span class="rest"></span><h2 class="day">{{day(last)}}</h2>
% end
% name = _escape(tile.title)
<a class="tile r{{!tile.ratio}}" href="{{!tile.href}}"><svg color="{{!tile.placeholder}}" aria-hidden="true"></svg>\\
% if tile.thumb:
<img src="{{!tile.thumb}}" srcset="{{!tile.srcset}}" sizes="auto, (max-width: 40rem) 46vw, 20rem" width="{{!tile.ratio}}" height="100"{{!lazy if number > 5 else ""}} alt="{{!name}}">\\
% else:
<svg class="kind" role="img" aria-label="{{!name}}"><use href="{{icons}}#{{tile.kind}}"/></svg>\\
% end
<span class="name" aria-hidden="true">{{!name}}</span>\\
% if tile.kind != "image" or tile.animated or tile.visibility == "private":
%   include("_sign.tpl", tile=tile)
% end
</a>
% end
</div>
