% icons = asset("icons.svg")
<a class="button primary" href="{{url("/submit/")}}" data-key="a"><svg class="icon" aria-hidden="true"><use href="{{icons}}#add"/></svg><span>{{_("Add media")}}</span></a>
% home = "/u/" + username + "/"
<details class="menu">
<summary aria-label="{{_("Your menu")}}">
<span class="face" aria-hidden="true">{{name[:1].upper()}}</span>
<span class="count" data-waiting="{{url(home + "panel/")}}" title="{{_("Being prepared")}}"\\
% if not waiting:
 hidden\\
% end
>{{waiting}}</span>
</summary>
<div class="sheet">
<p class="who"><strong>{{name}}</strong></p>
<ul>
<li><a href="{{url(home)}}" data-key="p">{{_("Profile")}}</a></li>
<li><a href="{{url(home + "gallery/")}}" data-key="g">{{_("Gallery")}}</a></li>
<li><a href="{{url(home + "collections/")}}" data-key="c">{{_("Collections")}}</a></li>
<li><a href="{{url(home + "panel/")}}">{{_("Being prepared")}}\\
% if waiting:
 <span class="count">{{waiting}}</span>\\
% end
</a></li>
<li><a href="{{url(home + "trash/")}}">{{_("Trash")}}</a></li>
<li><a href="{{url("/edit/account/")}}">{{_("Account")}}</a></li>
% if admin:
<li><a href="{{url("/mod/users/")}}">{{_("People")}}</a></li>
% end
</ul>
<button type="button" class="plain" data-keys hidden>{{_("Keys")}} <kbd>?</kbd></button>
<form class="themes" method="post" action="{{url("/edit/account/")}}" aria-label="{{_("Colours")}}">
<input type="hidden" name="next" value="{{path}}">
% for choice, label in (("", _("System")), ("light", _("Light")), ("dark", _("Dark"))):
<button name="theme" value="{{choice}}" aria-pressed="{{"true" if theme == choice else "false"}}">{{label}}</button>
% end
</form>
<form method="post" action="{{url("/auth/logout/")}}"><button class="plain">{{_("Log out")}}</button></form>
</div>
</details>
