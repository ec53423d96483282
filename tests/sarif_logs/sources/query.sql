select a.id,b.Name from users a, orders b
where a.id=b.user_id and a.name like '%{%'
UNION
SELECT id , name FROM old_users
