-- A work router in plain PostgreSQL, as a good engineer would write it in a day.
-- psql variables: agents, queues, cap. Two ways to choose the agent:
--   pick_join  membership joined to agent, sorted by (used, last_at): the first version everybody writes
--   pick_idx   membership rows carry (used, last_at, free) under a partial index: the version after the first slow day
drop schema if exists r cascade;
create schema r;
set search_path = r;

create table agent (
  id int primary key, org text not null, online boolean not null, cap int not null,
  used int not null default 0, last_at bigint not null default 0
) with (fillfactor = 50);
create table member (queue_id int, agent_id int references agent, primary key (queue_id, agent_id));
create table member_x (
  queue_id int, agent_id int, used int not null default 0, last_at bigint not null default 0,
  free boolean not null default true, primary key (queue_id, agent_id)
) with (fillfactor = 50);
create index member_pick on member_x (queue_id, used, last_at) where free;
create index member_agent on member_x (agent_id);
create index member_a on member (agent_id);
create sequence tick;

create table work (
  id bigint generated always as identity primary key, org text, queue_id int not null, prio int not null,
  state text not null, agent_id int, weight int not null default 1,
  subject text, body text, origin text, contact text, account text, record_type text, created_by text,
  created_at timestamptz not null default clock_timestamp(), offered_at timestamptz, accepted_at timestamptz,
  closed_at timestamptz, handle_ms int, decline_reason text, serial int not null default 1
) with (fillfactor = 70);
create index work_pending on work (queue_id, prio, id) where state = 'pending';
create index work_agent on work (agent_id) where state in ('assigned', 'opened');

insert into agent select g, '00D1', true, :cap from generate_series(1, :agents) g;
insert into member
  select distinct q, g from generate_series(1, :agents) g,
  lateral (values (g % :queues), ((g * 7 + 11) % :queues), ((g * 13 + 29) % :queues)) v(q);
insert into member_x (queue_id, agent_id) select queue_id, agent_id from member;
analyze;

create function pick_join(q int, w int) returns int language plpgsql as $$
declare a int;
begin
  select g.id into a from r.member m join r.agent g on g.id = m.agent_id
    where m.queue_id = q and g.online and g.used + w <= g.cap
    order by g.used, g.last_at limit 1 for update of g skip locked;
  if a is not null then
    update r.agent set used = used + w, last_at = nextval('r.tick') where id = a;
  end if;
  return a;
end $$;

create function pick_idx(q int, w int) returns int language plpgsql as $$
declare a int; t bigint;
begin
  for a in select m.agent_id from r.member_x m where m.queue_id = q and m.free order by m.used, m.last_at limit 8 loop
    perform 1 from r.agent g where g.id = a and g.online and g.used + w <= g.cap for update skip locked;
    if found then
      t := nextval('r.tick');
      update r.agent set used = used + w, last_at = t where id = a;
      update r.member_x m set used = g.used, last_at = t, free = g.used < g.cap
        from r.agent g where g.id = a and m.agent_id = a;
      return a;
    end if;
  end loop;
  return null;
end $$;

create function create_work(how text, q int, p int, subj text, b text, out wid bigint, out aid int)
language plpgsql as $$
begin
  aid := case how when 'join' then r.pick_join(q, 1) else r.pick_idx(q, 1) end;
  insert into r.work (org, queue_id, prio, state, agent_id, subject, body, origin, contact, account, record_type,
                      created_by, offered_at)
    values ('00D1', q, p, case when aid is null then 'pending' else 'assigned' end, aid, subj, b, 'Web',
            '003000000000001AAA', '001000000000001AAA', '012000000000001AAA', '005000000000001AAA',
            case when aid is null then null else clock_timestamp() end)
    returning id into wid;
end $$;

create function accept_work(w bigint, a int) returns boolean language plpgsql as $$
begin
  update r.work set state = 'opened', accepted_at = clock_timestamp(), serial = serial + 1
    where id = w and agent_id = a and state = 'assigned';
  return found;
end $$;

-- Closes; the freed agent takes the best waiting item of its queues. Gives that item, 0 for none, -1 for a refusal.
create function close_work(how text, w bigint, a int) returns bigint language plpgsql as $$
declare nw bigint; t bigint;
begin
  update r.work set state = 'closed', closed_at = clock_timestamp(), serial = serial + 1
    where id = w and agent_id = a and state = 'opened';
  if not found then return -1; end if;
  select x.id into nw from r.member m,
    lateral (select k.id, k.prio from r.work k where k.queue_id = m.queue_id and k.state = 'pending'
             order by k.prio, k.id limit 1 for update skip locked) x
    where m.agent_id = a order by x.prio, x.id limit 1;
  t := nextval('r.tick');
  if nw is not null then
    update r.work set state = 'assigned', agent_id = a, offered_at = clock_timestamp() where id = nw;
    update r.agent set last_at = t where id = a;
    return nw;
  end if;
  update r.agent set used = used - 1, last_at = t where id = a;
  if how = 'idx' then
    update r.member_x m set used = g.used, last_at = t, free = true from r.agent g where g.id = a and m.agent_id = a;
  end if;
  return 0;
end $$;
