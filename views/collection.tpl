% rebase("layout.tpl", title=collection.title, scripts=["gallery.js"])
<div class="head">
<p class="crumb"><a href="{{url("/u/" + person.username + "/collections/")}}">{{_("Collections of {name}").format(name=person.shown_name)}}</a></p>
<h1>{{collection.title}}</h1>
% if collection.description:
<p class="text">{{collection.description}}</p>
% end
% if own:
%   seen_by = {"public": _("Everybody may see it"), "members": _("Members may see it"), "private": _("Only you see it")}
<p class="muted">{{seen_by[collection.visibility]}}</p>
<p class="actions"><a class="button" data-key="e" href="{{url("/u/" + person.username + "/collection/" + collection.slug + "/edit/")}}">{{_("Change")}}</a></p>
% end
</div>
% if items:
%   include("_grid.tpl")
%   include("_more.tpl")
{{!piece("_lightbox.tpl")}}
% elif own:
%   include("_empty.tpl", heading=_("This collection is empty"), sentence=_("Add media to it, or put something you have into it by changing it."), step=url("/submit/"), step_label=_("Add media"))
% else:
%   include("_empty.tpl", heading=_("This collection is empty"), sentence=_("Or it holds nothing that you may see."))
% end
