% rebase("layout.tpl", title="Guest book")
<h1>Guest book</h1>
<link rel="stylesheet" href="{{asset("guestbook/book.css")}}">
<ul>
% for entry in entries:
<li>{{entry.said}}</li>
% end
</ul>
