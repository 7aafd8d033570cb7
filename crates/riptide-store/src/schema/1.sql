CREATE TABLE page (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    url TEXT NOT NULL,
    method TEXT NOT NULL,
    vary TEXT NOT NULL,
    -- What the body was given as: 0 as it is, 1 compressed with Zstandard.
    coding INTEGER NOT NULL,
    -- Bytes of the body before it was compressed.
    body_length INTEGER NOT NULL,
    -- What the entry counts for in the cache's capacity.
    size INTEGER NOT NULL,
    -- Milliseconds since 1970-01-01T00:00:00Z, as are all times.
    stored INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    status INTEGER NOT NULL,
    headers BLOB NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (tenant, url, method, vary)
);

CREATE INDEX page_by_use ON page (last_used, id, size);
CREATE INDEX page_by_tenant ON page (tenant, size);

-- One row, kept by the triggers: whoever changes an entry cannot forget it.
CREATE TABLE page_total (entries INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO page_total VALUES (0, 0);

CREATE TRIGGER page_inserted AFTER INSERT ON page BEGIN
    UPDATE page_total SET entries = entries + 1, bytes = bytes + NEW.size;
END;
CREATE TRIGGER page_deleted AFTER DELETE ON page BEGIN
    UPDATE page_total SET entries = entries - 1, bytes = bytes - OLD.size;
END;
CREATE TRIGGER page_resized AFTER UPDATE OF size ON page BEGIN
    UPDATE page_total SET bytes = bytes - OLD.size + NEW.size;
END;
