<fieldset class="choices"><legend>{{_("Who may see it")}}</legend>
% for choice, label, sentence in visibilities:
<label class="choice"><input type="radio" name="visibility" value="{{choice}}"{{!" checked" if fields.get("visibility", visibility) == choice else ""}}><span><strong>{{label}}</strong> <small>{{sentence}}</small></span></label>
% end
</fieldset>
