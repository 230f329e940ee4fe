<datalist id="languages">
% for tag, named in languages.items():
<option value="{{tag}}">{{named}}</option>
% end
</datalist>
