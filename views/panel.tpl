% rebase("layout.tpl", title=_("Being prepared"), scripts=["panel.js"])
% icons = asset("icons.svg")
<div class="page">
<div class="head"><h1>{{_("Being prepared")}}</h1><p class="muted" id="said" role="status" aria-live="polite"></p></div>
<div data-panel data-since="{{stamp}}">
% for state, label, count, media in groups:
<section class="group" data-state="{{state}}"><h2>{{_(label)}}\\
%   if state != "processed":
 <span class="muted">{{count}}</span>\\
%   end
</h2>
<ul class="rows">
%   for medium in media:
%     include("_work.tpl", medium=medium, icons=icons)
%   end
</ul>
%   if state == "unprocessed" and count > len(media):
<p class="muted">{{_("These are next; {count} more follow.").format(count=count - len(media))}}</p>
%   elif state == "failed" and count > len(media):
<p class="muted">{{_("The last {count} of them are shown.").format(count=len(media))}}</p>
%   elif state == "processed":
<p><a href="{{url("/u/" + viewer.username + "/gallery/")}}">{{_("All of them are in your gallery")}}</a></p>
%   end
</section>
% end
% if not groups:
%   include("_empty.tpl", heading=_("Nothing to do"), sentence=_("What you add is shown here while its copies are being made, and when something went wrong with it."), step=url("/submit/"), step_label=_("Add media"))
% end
</div>
<template id="words" data-some="{{_("{count} are still being prepared.")}}" data-one="{{_("1 is still being prepared.")}}" data-none="{{_("Nothing waits any more.")}}" data-percent="{{_("{percent} %")}}" data-left="{{_("about {time} left")}}" data-hours="{{_("{hours} h {minutes} min")}}" data-minutes="{{_("{count} min")}}" data-seconds="{{_("{count} s")}}"></template>
% if groups:
<p class="actions"><a class="button" href="{{choose}}">{{_("Prepare some again …")}}</a></p>
% end
</div>
