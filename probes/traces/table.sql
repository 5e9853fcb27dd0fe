-- Builds a table with an index, asks it, changes it: in memory, so that no disk takes part.
CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, amount REAL, kind INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO items SELECT i, printf('item %d of many', i * 7919 % 20011), i * 1.5, i % 97 FROM n;
CREATE INDEX by_name ON items (name);
SELECT count(*), sum(amount) FROM items WHERE name LIKE 'item 1%';
SELECT kind, count(*), avg(amount), group_concat(substr(name, 6, 4)) FROM items GROUP BY kind;
SELECT a.name FROM items a JOIN items b ON a.name = b.name WHERE b.kind = 13 ORDER BY a.amount DESC;
UPDATE items SET name = upper(name) || ' ' || hex(id), amount = amount / 2 WHERE kind % 3 = 0;
DELETE FROM items WHERE kind = 5;
SELECT name FROM items ORDER BY name DESC LIMIT 5000;
