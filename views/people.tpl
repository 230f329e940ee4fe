% rebase("layout.tpl", title=_("People"))
<div class="head"><h1>{{_("People")}}</h1>
{{!piece("_places.tpl", path="/people/")}}
</div>
% if covers:
%   include("_covers.tpl")
%   include("_more.tpl")
% else:
%   include("_empty.tpl", heading=_("Nobody to see yet"), sentence=_("Whoever shows you something is named here."))
% end
