% rebase("layout.tpl", title="#" + tag, scripts=["gallery.js"])
<div class="head">
<h1>#{{tag}}</h1>
% if person:
<p class="muted">{{_("Only from {name}.").format(name=person.shown_name)}} <a href="{{everyone}}">{{_("From everyone")}}</a></p>
% end
</div>
% if items:
%   include("_grid.tpl")
%   include("_more.tpl")
{{!piece("_lightbox.tpl")}}
% else:
%   include("_empty.tpl", heading=_("Nothing carries this tag"), sentence=_("Or nothing that you may see. Tags are set when adding or changing media."))
% end
