package dev.sluice.workflow;

/**
 * A JSON pointer (RFC 6901) that is written out only when somebody asks: a walk over a large tree passes far more
 * places than it reports.
 *
 * @param parent null for the root
 */
record Trail(Trail parent, String token) {
    static final Trail ROOT = new Trail(null, "");

    Trail to(String member) {
        return new Trail(this, member);
    }

    Trail to(int item) {
        return new Trail(this, String.valueOf(item));
    }

    @Override
    public String toString() {
        var pointer = new StringBuilder();
        for (Trail at = this; at.parent != null; at = at.parent) {
            pointer.insert(0, "/" + Pointers.escape(at.token));
        }
        return pointer.toString();
    }
}
