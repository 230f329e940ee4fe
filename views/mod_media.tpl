% rebase("layout.tpl", title=_("Media in preparation"))
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{url("/mod/")}}">{{_("The gallery")}}</a></p>
<div class="head"><h1>{{_("Media in preparation")}}</h1></div>
<dl class="facts">
% for label, count in counts:
<div><dt>{{label}}</dt><dd>{{count}}</dd></div>
% end
</dl>
% include("_again.tpl", again=url("/mod/media/again/"), stop=url("/mod/media/stop/"))
% for state, label, count, rows, following in groups:
%   if rows:
<section class="group" data-state="{{state}}"><h2>{{label}} <span class="muted">{{count}}</span></h2>
%     if state == "failed":
<p><a class="button" href="{{url("/mod/media/again/?which=failed")}}">{{_("Try all of them again")}}</a></p>
%     end
<ul class="rows">
%     for row in rows:
<li class="row two" data-state="{{row["state"]}}"><span class="row-name">{{_("{kind} {id} of {owner}").format(kind=row["kind"], id=row["id"], owner=row["owner"])}}</span>
<div class="row-said">{{row["error"] or row["step"]}}\\
%       if row["progress"]:
 {{_("{percent} %").format(percent=int(row["progress"]))}}\\
%       end
%       if row["left"]:
 {{_("about {time} left").format(time=lasting(row["left"]))}}\\
%       end
%       if row["detail"]:
<details class="fold"><summary>{{_("What exactly happened")}}</summary><pre>{{row["detail"]}}</pre></details>\\
%       end
</div>
%       if state == "failed":
<form method="post" action="{{url("/mod/media/again/")}}"><input type="hidden" name="id" value="{{row["id"]}}"><button class="button" aria-label="{{_("Try {id} again").format(id=row["id"])}}">{{_("Try again")}}</button></form>
%       end
</li>
%     end
</ul>
%     if following:
<p class="more"><a class="button" rel="next" href="{{following}}">{{_("Show more")}}</a></p>
%     end
</section>
%   end
% end
</div>
