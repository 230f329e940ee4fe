<li class="row" data-id="{{medium.id}}" data-state="{{medium.state}}" data-name="{{medium.name}}"><span class="preview">\\
% if medium.thumb:
<img src="{{medium.thumb}}" alt="" width="{{medium.ratio}}" height="100" loading="lazy">\\
% else:
<svg class="icon" aria-hidden="true"><use href="{{icons}}#{{medium.kind}}"/></svg>\\
% end
</span>
<a class="row-name" href="{{medium.href}}">{{medium.title}}</a>
<div class="row-said">{{medium.error or medium.step or medium.name}}\\
% if medium.state == "processing" and medium.progress:
 · {{_("{percent} %").format(percent=int(medium.progress))}}\\
% end
% if medium.left:
 · {{_("about {time} left").format(time=lasting(medium.left))}}\\
% end
% if medium.state == "unprocessed":
 · {{size(medium.bytes)}}\\
% end
% if medium.detail and medium.state in ("processed", "failed"):
<details class="fold"><summary>{{_("What exactly happened")}}</summary><pre>{{medium.detail}}</pre></details>\\
% end
</div>
% if medium.state == "processing":
<progress max="100" value="{{medium.progress or 0}}" aria-label="{{_("How far {title} is").format(title=medium.title)}}"></progress>
% elif medium.state == "failed":
<div class="dos">
<form method="post" action="{{medium.retry}}"><input type="hidden" name="next" value="{{path}}"><button class="button" aria-label="{{_("Try {title} again").format(title=medium.title)}}">{{_("Try again")}}</button></form>
<form method="post" action="{{medium.delete}}"><input type="hidden" name="next" value="{{path}}"><button class="button" aria-label="{{_("Delete {title}").format(title=medium.title)}}">{{_("Delete")}}</button></form>
</div>
% end
</li>
