% rebase("layout.tpl", title=heading)
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{back}}">{{_("Back to the trash")}}</a></p>
<h1>{{heading}}</h1>
% if count or bytes:
<p>{{_("That makes {size} free. Nobody can bring back what is removed for good.").format(size=size(bytes))}}</p>
<form method="post" action="{{action}}">
<p class="actions"><button class="button primary">{{label}}</button> <a class="button" href="{{back}}">{{_("Leave it in the trash")}}</a></p>
</form>
% else:
<p>{{_("The trash is empty already.")}}</p>
<p class="actions"><a class="button" href="{{back}}">{{_("Back")}}</a></p>
% end
</div>
