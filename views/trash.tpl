% rebase("layout.tpl", title=_("Trash"))
% icons = asset("icons.svg")
<div class="head"><h1>{{_("Trash")}}</h1>\\
% if items:
<a class="button" href="{{empty}}">{{_("Empty the trash")}}</a>\\
% end
</div>
% if not items:
%   include("_empty.tpl", heading=_("The trash is empty"), sentence=_("What you delete waits here for a while, in case you want it back."))
% else:
<ul class="rows">
%   for tile, deleted, bytes, final in items:
<li class="row"><span class="preview">\\
% if tile.thumb:
<img src="{{tile.thumb}}" alt="" width="{{tile.ratio}}" height="100" loading="lazy">\\
% else:
<svg class="icon" aria-hidden="true"><use href="{{icons}}#{{tile.kind}}"/></svg>\\
% end
</span>
<span class="row-name">{{tile.title}}</span>
<span class="row-said">{{_("{size}, deleted {when}, gone for good on {day}").format(size=size(bytes), when=age(deleted), day=day(final))}}</span>
<span class="dos"><form method="post" action="{{url("/u/%s/m/id:%s/restore/" % (tile.who, tile.id))}}"><button class="button" aria-label="{{_("Bring back {title}").format(title=tile.title)}}">{{_("Bring back")}}</button></form>
<a class="button" href="{{url("/u/%s/m/id:%s/remove/" % (tile.who, tile.id))}}" aria-label="{{_("Remove {title} for good").format(title=tile.title)}}">{{_("Remove for good")}}</a></span>
</li>
%   end
</ul>
% end
% include("_more.tpl")
