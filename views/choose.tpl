% rebase("layout.tpl", title=_("Prepare again"))
% icons = asset("icons.svg")
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{back}}">{{_("Being prepared")}}</a></p>
<h1>{{_("Prepare again")}}</h1>
<p class="muted">{{_("Copies are made anew from the files as they were added, which are never touched. Before anything begins, you are told what it would be.")}}</p>
% include("_again.tpl", choosing=True)
% if works:
<section class="group"><h2>{{_("Choose from the list")}}</h2>
<ul class="rows">
%   for medium in works:
<li class="row pick" data-state="{{medium.state}}"><input type="checkbox" name="id" value="{{medium.id}}" form="again" id="pick-{{medium.id}}"><label class="preview" for="pick-{{medium.id}}">\\
%     if medium.thumb:
<img src="{{medium.thumb}}" alt="" width="{{medium.ratio}}" height="100" loading="lazy">\\
%     else:
<svg class="icon" aria-hidden="true"><use href="{{icons}}#{{medium.kind}}"/></svg>\\
%     end
</label><label class="row-name" for="pick-{{medium.id}}">{{medium.title}}</label>
<div class="row-said">{{medium.error or medium.name}} · <a href="{{medium.again}}" aria-label="{{_("Prepare {title} again with settings of its own").format(title=medium.title)}}">{{_("Settings")}}</a></div></li>
%   end
</ul>
</section>
%   include("_more.tpl")
% end
</div>
