% rebase("layout.tpl", title="", scripts=["gallery.js"])
% if welcome:
<h1 class="unseen">{{site.title}}</h1>
%   if viewer:
%     include("_empty.tpl", heading=_("Bare walls, so far"), sentence=_("Whatever you add hangs here: photos, video, sound. Choose some files or drop a whole folder."), step=url("/submit/"), step_label=_("Add your first media"))
%   else:
%     include("_empty.tpl", heading=_("Nothing to see yet"), sentence=_("Pictures that are for everyone will hang here. If this gallery is yours too, log in to see more."), step=url("/auth/login/"), step_label=_("Log in"))
%   end
% else:
<div class="head">
<h1>{{site.title}}</h1>
{{!piece("_places.tpl", path="/")}}
{{!piece("_order.tpl", order=order, narrowed=narrowed)}}
{{!piece("_filter.tpl", filter=filter)}}
%   if site.words:
<p class="lead">{{site.words}}</p>
%   end
</div>
%   if items:
%     include("_grid.tpl")
%     include("_more.tpl")
{{!piece("_lightbox.tpl")}}
%   else:
%     include("_empty.tpl", heading=_("Nothing here is like that"), sentence=_("Nothing in this list fits what was asked for."), step=filter.everything, step_label=_("Show everything"))
%   end
% end
