% failed = medium.state == "failed"
<section class="stage pending"{{!"" if failed else ' data-poll="%s"' % medium.href}} aria-live="polite">
% if medium.thumb:
<p class="glance r{{medium.ratio}}"><img src="{{medium.thumb}}" alt="{{medium.title}}" width="{{medium.ratio}}" height="100"></p>
% end
% if failed:
<h2>{{_("This cannot be played here")}}</h2>
<p>{{medium.retry and medium.error or _("A copy that browsers play could not be made of it.")}}</p>
%   if medium.retry:
<form method="post" action="{{medium.retry}}"><button class="button primary">{{_("Try again")}}</button></form>
%     if medium.detail:
<details class="fold"><summary>{{_("What exactly happened")}}</summary><pre>{{medium.detail}}</pre></details>
%     end
%   end
% else:
<h2>{{_("It can be played soon")}}</h2>
<p>{{_("A copy that browsers play is still being made; this page shows it when it is done.")}}</p>
<progress max="100" value="{{medium.progress or 0}}" aria-label="{{_("How far it is")}}"></progress>
<p class="muted" data-step>{{medium.step or ""}}</p>
<p class="without-script"><a rel="nofollow" href="{{medium.href}}">{{_("Look again")}}</a></p>
% end
% if medium.download:
<p><a href="{{medium.download}}" download>{{_("Download the file as it is")}}</a></p>
% end
</section>
