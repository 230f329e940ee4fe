% if wrong.get(""):
<div class="message bad" role="alert"><p>{{wrong[""]}}</p></div>
% end
