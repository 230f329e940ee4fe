<section class="stage pending">
<svg class="kind" aria-hidden="true"><use href="{{icons}}#{{medium.kind}}"/></svg>
<h2>{{_("It is safely stored, but cannot be shown yet") if medium.lacks else _("This could not be shown")}}</h2>
<p>{{medium.error}}</p>
% if medium.lacks:
<p>{{_("Once the keeper of this gallery has added it, this page shows it by itself.")}}</p>
% end
% if medium.retry:
<form method="post" action="{{medium.retry}}"><button class="button primary">{{_("Try again")}}</button></form>
% end
% if medium.detail:
<details class="fold"><summary>{{_("What exactly happened")}}</summary><pre>{{medium.detail}}</pre></details>
% end
</section>
