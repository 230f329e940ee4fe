<!DOCTYPE html>
<html lang="{{lang}}"\\
% if theme:
 data-theme="{{theme}}"\\
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
% for name in scripts:
<script type="module" src="{{asset(name)}}"></script>
% end
</head>
<body>
<a class="skip" href="#content">{{_("Skip to the content")}}</a>
<header class="bar">
<a class="brand" href="{{url("/")}}" data-key="h"><img src="{{asset("mark.svg")}}" alt="" width="32" height="32"><span>{{site.title}}</span></a>
