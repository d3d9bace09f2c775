-- Pictures of answers that were uploaded to Slack: once per answer and part, whatever is drawn again.
create table countersign.picture (
    answer  uuid    not null, -- the particular that it is a part of
    part    integer not null,
    file    text    not null, -- Slack's id
    refused integer not null default 0, -- messages with it that Slack refused: a file takes a while to become usable
    primary key (answer, part)
);

-- How many connections the app's database had, once a minute. The row of a minute is inserted first, which one replica
-- does; it stays empty when the database did not answer.
create table countersign.pool_sample (
    minute              timestamptz primary key,
    active              integer,
    idle                integer,
    idle_in_transaction integer,
    other               integer, -- states that are none of these, and those that the role may not see
    server              integer, -- connections to all databases of the server
    most                integer  -- what the server allows
);
