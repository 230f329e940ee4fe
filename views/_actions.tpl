<div class="actions">
% if medium.download:
<a class="button" href="{{medium.download}}" download><svg class="icon" aria-hidden="true"><use href="{{icons}}#download"/></svg>{{_("Download")}}</a>
% end
% if medium.share:
<details class="fold share"><summary class="button"><svg class="icon" aria-hidden="true"><use href="{{icons}}#link"/></svg>{{_("Share")}}</summary>
<div class="sheet">
<label for="share">{{_("Whoever has this address can see it")}}</label>
<input id="share" readonly value="{{medium.share}}">
<button class="button with-script" type="button" data-copy="share" data-done="{{_("Copied")}}">{{_("Copy")}}</button>
%   if medium.renew:
<form method="post" action="{{medium.renew}}"><button class="link">{{_("Make a new address, so that this one stops working")}}</button></form>
%   end
</div></details>
% end
% if medium.film:
<details class="fold"><summary class="button"><svg class="icon" aria-hidden="true"><use href="{{icons}}#video"/></svg>{{_("Film")}}</summary>
<div class="sheet">
<a href="{{medium.film}}" download>{{_("Download the film, too")}}</a>
<form method="post" action="{{medium.part}}"><button class="link">{{_("Show the film by itself")}}</button></form>
</div></details>
% end
% if medium.edit:
<a class="button" data-key="e" href="{{medium.edit}}"><svg class="icon" aria-hidden="true"><use href="{{icons}}#edit"/></svg>{{_("Change")}}</a>
% end
% if medium.delete:
<form method="post" action="{{medium.delete}}"><button class="button" title="{{_("It goes to the trash, and can come back from there")}}"><svg class="icon" aria-hidden="true"><use href="{{icons}}#trash"/></svg>{{_("Delete")}}</button></form>
% end
</div>
