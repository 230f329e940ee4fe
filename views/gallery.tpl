% rebase("layout.tpl", title=_("Gallery of {name}").format(name=person.shown_name), scripts=["gallery.js"])
<div class="head">
<h1>{{_("Your gallery") if own else _("Gallery of {name}").format(name=person.shown_name)}}</h1>
% if items:
{{!piece("_order.tpl", order=order, narrowed=narrowed)}}
% end
% if items or narrowed:
{{!piece("_filter.tpl", filter=filter)}}
% end
</div>
% if items:
%   include("_grid.tpl", days=own)
%   include("_more.tpl")
{{!piece("_lightbox.tpl")}}
% elif narrowed:
%   include("_empty.tpl", heading=_("Nothing here is like that"), sentence=_("Nothing in this list fits what was asked for."), step=filter.everything, step_label=_("Show everything"))
% elif own:
%   include("_empty.tpl", heading=_("Your wall is still bare"), sentence=_("Everything you add hangs here, day by day. Choose some files or drop a whole folder."), step=url("/submit/"), step_label=_("Add your first media"))
% else:
%   include("_empty.tpl", heading=_("Nothing to see here yet"), sentence=_("{name} has not shown you anything so far.").format(name=person.shown_name))
% end
