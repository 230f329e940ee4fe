% rebase("layout.tpl", title=_("Being prepared"), scripts=["panel.js"])
% icons = asset("icons.svg")
<div class="head"><h1>{{_("Being prepared")}}</h1></div>
<div data-panel="{{path}}" aria-live="polite">
% there = False
% for state, label, media in groups:
%   if media:
%     there = True
<section class="group" data-state="{{state}}"><h2>{{label}} <span class="muted">{{len(media)}}</span></h2>
<ul class="rows">
%     for medium in media:
%       include("_work.tpl", medium=medium, icons=icons)
%     end
</ul></section>
%   end
% end
</div>
% if not there:
%   include("_empty.tpl", heading=_("Nothing to do"), sentence=_("What you add is shown here while its copies are being made, and when something went wrong with it."), step=url("/submit/"), step_label=_("Add media"))
% end
% include("_more.tpl")
