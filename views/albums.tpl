% rebase("layout.tpl", title=_("Collections"))
<div class="head"><h1>{{_("Collections")}}</h1>
{{!piece("_places.tpl", path="/collections/")}}
</div>
% if covers:
%   include("_covers.tpl")
%   include("_more.tpl")
% else:
%   include("_empty.tpl", heading=_("No collections yet"), sentence=_("What people gather, and let you see, stands here."))
% end
