% rebase("layout.tpl", title=_("Collections of {name}").format(name=person.shown_name))
<div class="head"><h1>{{_("Your collections") if own else _("Collections of {name}").format(name=person.shown_name)}}</h1></div>
% if collections:
%   include("_covers.tpl", covers=collections)
% elif own:
%   include("_empty.tpl", heading=_("No collections yet"), sentence=_("A collection keeps together what belongs together, like the album of a holiday. Name one while adding media and it is made."), step=url("/submit/"), step_label=_("Add media"))
% else:
%   include("_empty.tpl", heading=_("No collections yet"), sentence=_("Nothing gathered here that you may see."))
% end
% if own:
<form class="page" method="post" action="{{url("/u/" + person.username + "/collections/")}}">
<h2>{{_("A new collection")}}</h2>
%   include("_field.tpl", name="title", label=_("Title"), value="", hint="", needed=True, complete="off")
%   include("_field.tpl", name="description", label=_("Description"), kind="area", rows=3, value="", hint="", needed=False, complete="")
%   include("_seen_by.tpl")
<p><button class="button">{{_("Make it")}}</button></p>
</form>
% end
