% rebase("layout.tpl", title=_("Prepare {title} again").format(title=medium.title))
<form class="page" method="post" action="{{medium.again}}">
<p class="crumb"><a data-key="Escape" href="{{medium.href}}">{{_("Back without doing it")}}</a></p>
<h1>{{_("Prepare {title} again").format(title=medium.title)}}</h1>
% if medium.thumb:
<p class="glance r{{medium.ratio}}"><img src="{{medium.thumb}}" alt="" width="{{medium.ratio}}" height="100"></p>
% end
% include("_wrong.tpl")
<p class="muted">{{_("What there is stays on show until the new copies are complete. The file as it was added is never touched.")}}</p>
% if len(steps) > 1:
<fieldset class="checks"><legend>{{_("Only these steps (none: all of them)")}}</legend>
%   for name, about in steps:
<label class="check"><input type="checkbox" name="step" value="{{name}}"{{!" checked" if name in fields.get("step", ()) else ""}}> <span class="capital">{{about}}</span></label>
%   end
</fieldset>
% end
% if options:
<fieldset class="settings"><legend>{{_("With settings of its own (empty: as for all others)")}}</legend>
%   for one in options:
<div class="field"><label for="set-{{one["name"]}}">{{_(one["label"])}}</label><input id="set-{{one["name"]}}" name="set-{{one["name"]}}" value="{{fields.get("set-" + one["name"], one["value"])}}" placeholder="{{one["usual"]}}" autocomplete="off" aria-describedby="set-{{one["name"]}}-hint"><p class="hint" id="set-{{one["name"]}}-hint">{{one["sentence"]}}</p></div>
%   end
</fieldset>
% end
<p class="actions"><button class="button primary">{{_("Prepare it again")}}</button> <a class="button" href="{{medium.href}}">{{_("Leave it as it is")}}</a></p>
</form>
