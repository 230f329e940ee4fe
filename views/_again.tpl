<details class="fold" id="prepare-again"><summary class="button">{{_("Prepare again")}}</summary>
<form id="again" method="get" action="{{again}}">
<fieldset class="choices"><legend>{{_("Which")}}</legend>
% for choice, label in which:
%   if choice != "chosen" or get("choosing"):
<label class="choice"><input type="radio" name="which" value="{{choice}}"{{!" checked" if choice == "stale" else ""}}><span>{{_(label)}}</span></label>
%   end
% end
</fieldset>
<div class="field"><label for="again-kind">{{_("Of which kind")}}</label>
<select id="again-kind" name="kind"><option value="">{{_("Every kind")}}</option>
% for kind in kinds:
<option value="{{kind}}">{{kind}}</option>
% end
</select></div>
<fieldset class="checks"><legend>{{_("Only these steps (none: all that need it)")}}</legend>
% for name, about in steps:
<label class="check"><input type="checkbox" name="step" value="{{name}}"> {{name}} <small class="muted">{{about}}</small></label>
% end
</fieldset>
<label class="check"><input type="checkbox" name="force" value="yes"> {{_("Also those that are up to date")}}</label>
<p class="actions"><button class="button primary">{{_("See what would be done")}}</button></p>
</form>
<form method="post" action="{{stop}}"><button class="link">{{_("Stop preparing again what still waits")}}</button></form>
</details>
