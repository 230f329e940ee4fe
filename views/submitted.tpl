% rebase("layout.tpl", title=_("Added"))
<h1>{{_("Thank you, these arrived") if items else _("Nothing was added")}}</h1>
% if items:
<ul class="plainlist">
%   for name, tile, duplicate in items:
<li><a href="{{tile.href}}">{{tile.title}}</a> <span class="muted">{{_("You already have this.") if duplicate else name}}</span></li>
%   end
</ul>
<p class="muted">{{_("They are being prepared for the screen now.")}}</p>
% end
% if refused:
<h2>{{_("These were not taken")}}</h2>
<ul class="plainlist">
%   for name, sentence in refused:
<li><strong>{{name}}</strong><br>{{sentence}}</li>
%   end
</ul>
% end
<p class="actions"><a class="button primary" href="{{url("/u/" + viewer.username + "/gallery/")}}">{{_("See them")}}</a> <a class="button" href="{{url("/submit/")}}">{{_("Add more")}}</a></p>
