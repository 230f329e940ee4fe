% choosing = get("choosing", False)
% if not choosing:
<details class="fold" id="prepare-again"><summary class="button">{{_("Prepare again")}}</summary>
% end
<form id="again" method="get" action="{{again}}">
<fieldset class="choices"><legend>{{_("Which")}}</legend>
% for choice, label in which:
%   if choice != "chosen" or choosing:
<label class="choice"><input type="radio" name="which" value="{{choice}}"{{!" checked" if choice == "stale" else ""}}><span>{{_(label)}}</span></label>
%   end
% end
</fieldset>
<div class="field"><label for="again-kind">{{_("Of which kind")}}</label>
<select id="again-kind" name="kind"><option value="">{{_("Every kind")}}</option>
% for kind, label in kinds:
<option value="{{kind}}">{{_(label)}}</option>
% end
</select></div>
<fieldset class="checks"><legend>{{_("Only these steps (none: all that need it)")}}</legend>
% for name, label in steps:
<label class="check"><input type="checkbox" name="step" value="{{name}}">{{_(label)}}</label>
% end
</fieldset>
<label class="check"><input type="checkbox" name="force" value="yes"> {{_("Also those that are up to date")}}</label>
<p class="actions"><button class="button primary">{{_("See what would be done")}}</button></p>
</form>
<form method="post" action="{{stop}}"><button class="link">{{_("Stop preparing again what still waits")}}</button></form>
% if not choosing:
</details>
% end
