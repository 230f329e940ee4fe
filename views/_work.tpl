<li class="row" data-id="{{medium.id}}" data-state="{{medium.state}}"><span class="preview">\\
% if medium.thumb:
<img src="{{medium.thumb}}" alt="" width="{{medium.ratio}}" height="100" loading="lazy">\\
% else:
<svg class="icon" aria-hidden="true"><use href="{{icons}}#{{medium.kind}}"/></svg>\\
% end
</span>
<a class="row-name" href="{{medium.href}}">{{medium.title}}</a>
<span class="row-said">{{(medium.error or medium.step) or medium.name}}</span>
% if medium.state in ("unprocessed", "processing"):
<progress max="100" value="{{medium.progress or 0}}" aria-label="{{_("How far {title} is").format(title=medium.title)}}"></progress>
% elif medium.state == "failed":
<form method="post" action="{{url("/u/%s/m/id:%s/retry/" % (medium.who, medium.id))}}"><input type="hidden" name="next" value="{{path}}"><button class="button" aria-label="{{_("Try {title} again").format(title=medium.title)}}">{{_("Try again")}}</button></form>
% end
</li>
