% icons = asset("icons.svg")
<!DOCTYPE html>
<html lang="{{get("lang", "en")}}"\\
% if viewer and viewer.theme:
 data-theme="{{viewer.theme}}"\\
% end
>
<head>
<meta charset="utf-8">
<title>{{title + " · " if title else ""}}{{site.title}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{{asset("goblin.css")}}">
% if site.accent:
<link rel="stylesheet" href="{{url("/static/accent.css?v=" + site.accent[1:])}}">
% end
<link rel="icon" href="{{asset("mark.svg")}}" type="image/svg+xml">
<link rel="apple-touch-icon" href="{{asset("mark-180.png")}}">
<link rel="manifest" href="{{asset("site.webmanifest")}}">
<script type="module" src="{{asset("page.js")}}"></script>
% for name in get("scripts", ()):
<script type="module" src="{{asset(name)}}"></script>
% end
</head>
<body>
<a class="skip" href="#content">{{_("Skip to the content")}}</a>
<header class="bar">
<a class="brand" href="{{url("/")}}" data-key="h"><img src="{{asset("mark.svg")}}" alt="" width="32" height="32"><span>{{site.title}}</span></a>
<nav aria-label="{{_("Main")}}">
% if viewer:
<a class="button primary" href="{{url("/submit/")}}" data-key="a"><svg class="icon" aria-hidden="true"><use href="{{icons}}#add"/></svg><span>{{_("Add media")}}</span></a>
% include("_menu.tpl", icons=icons)
% elif path != "/auth/login/":
<a class="button" href="{{url("/auth/login/")}}"><svg class="icon" aria-hidden="true"><use href="{{icons}}#person"/></svg><span>{{_("Log in")}}</span></a>
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
<button class="away" type="button" data-dismiss hidden><svg class="icon" role="img" aria-label="{{_("Put this away")}}"><use href="{{icons}}#close"/></svg></button>
</div>
% end
</div>
{{!base}}
</main>
% if site.footer:
<footer class="foot"><p>{{site.footer}}</p></footer>
% end
% include("_keys.tpl")
</body>
</html>
