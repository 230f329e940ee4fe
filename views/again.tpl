% rebase("layout.tpl", title=_("Prepare again"))
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{back}}">{{_("Back without doing it")}}</a></p>
<h1>{{_("Prepare again")}}</h1>
% if count:
<p>{{_("This is what will be done:") if count > 1 else _("This one will be prepared again:")}}</p>
<ul>
%   for sentence in sentences:
<li>{{sentence}}</li>
%   end
</ul>
<p class="muted">{{_("What there is stays on show until the new copies are complete. The files as they were added are never touched.")}}</p>
<form method="post" action="{{action}}">
%   for name, value in hidden:
<input type="hidden" name="{{name}}" value="{{value}}">
%   end
<p class="actions"><button class="button primary">{{_("Prepare {count} again").format(count=count)}}</button> <a class="button" href="{{back}}">{{_("Leave them as they are")}}</a></p>
</form>
% else:
<p>{{_("There is nothing to do: what was asked for is up to date, or waits already.")}}</p>
<p class="actions"><a class="button" href="{{back}}">{{_("Back")}}</a></p>
% end
</div>
