% rebase("layout.tpl", title=_("Being prepared"), scripts=["panel.js"])
% icons = asset("icons.svg")
<div class="head"><h1>{{_("Being prepared")}}</h1><p class="muted" id="said" role="status" aria-live="polite"></p></div>
<div data-panel data-since="{{stamp}}">
% there = False
% for state, label, count, media in groups:
%   if media:
%     there = True
<section class="group" data-state="{{state}}"><h2>{{label}} <span class="muted">{{count}}</span></h2>
%     if len(media) < count and state != "processed":
<p class="muted">{{_("The newest {count} of them are shown.").format(count=len(media))}}</p>
%     end
<ul class="rows">
%     for medium in media:
%       include("_work.tpl", medium=medium, icons=icons)
%     end
</ul></section>
%   end
% end
% if not there:
%   include("_empty.tpl", heading=_("Nothing to do"), sentence=_("What you add is shown here while its copies are being made, and when something went wrong with it."), step=url("/submit/"), step_label=_("Add media"))
% end
% include("_more.tpl")
</div>
<template id="words" data-some="{{_("{count} are still being prepared.")}}" data-one="{{_("1 is still being prepared.")}}" data-none="{{_("Nothing waits any more.")}}" data-percent="{{_("{percent} %")}}" data-left="{{_("about {time} left")}}" data-minutes="{{_("{count} min")}}" data-seconds="{{_("{count} s")}}"></template>
% if there:
<section class="group">
%   include("_again.tpl", choosing=True)
</section>
% end
