% rebase("layout.tpl", title=_("Collections of {name}").format(name=person.shown_name))
<div class="head"><h1>{{_("Your collections") if own else _("Collections of {name}").format(name=person.shown_name)}}</h1></div>
% if collections:
%   include("_collections.tpl")
% elif own:
%   include("_empty.tpl", heading=_("No collections yet"), sentence=_("A collection keeps together what belongs together, like the album of a holiday. Name one while adding media and it is made."), step=url("/submit/"), step_label=_("Add media"))
% else:
%   include("_empty.tpl", heading=_("No collections yet"), sentence=_("Nothing gathered here that you may see."))
% end
