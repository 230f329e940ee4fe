{{!piece("_head.tpl", title=title, scripts=tuple(get("scripts", ())), lang=get("lang", "en"), theme=viewer.theme or "" if viewer else "")}}
<nav aria-label="{{_("Main")}}">
% if viewer:
{{!piece("_menu.tpl", username=viewer.username, name=viewer.shown_name, theme=viewer.theme or "", admin=viewer.admin, waiting=waiting, path=path)}}
% elif path != "/auth/login/" and not get("new"):
<a class="button" href="{{url("/auth/login/")}}"><svg class="icon" aria-hidden="true"><use href="{{asset("icons.svg")}}#person"/></svg><span>{{_("Log in")}}</span></a>
% end
</nav>
</header>
<main id="content" tabindex="-1">
<div class="messages" role="status" aria-live="polite">
% for kind, sentence, undo in messages:
<div class="message {{kind}}"><p>{{sentence}}</p>
% if undo:
<form method="post" action="{{undo["action"]}}"><button class="link">{{undo["label"]}}</button></form>
% end
<button class="away" type="button" data-dismiss hidden><svg class="icon" role="img" aria-label="{{_("Put this away")}}"><use href="{{asset("icons.svg")}}#close"/></svg></button>
</div>
% end
</div>
{{!base}}
</main>
% if site.footer:
<footer class="foot"><p>{{site.footer}}</p></footer>
% end
{{!piece("_keys.tpl", signed_in=bool(viewer))}}
</body>
</html>
