<p class="guestbook">Write about {{medium.title}} in the <a href="{{url("/guestbook/")}}">guest book</a>.</p>
