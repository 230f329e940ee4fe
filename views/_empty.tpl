<section class="empty">
<img src="{{asset("mark.svg")}}" alt="" width="160" height="160">
<h2>{{heading}}</h2>
<p>{{sentence}}</p>
% if get("step"):
<p><a class="button primary" href="{{step}}">{{step_label}}</a></p>
% end
</section>
