-- What a request found out for the person who asked lives beside the chain like everything that names people.
alter table countersign.particular drop constraint particular_kind_check;
alter table countersign.particular add constraint particular_kind_check
    check (kind in ('asking', 'label', 'note', 'answer'));
