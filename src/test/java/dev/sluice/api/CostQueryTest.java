package dev.sluice.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.inference.Ledger;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostQueryTest {
    private static final LocalDate TODAY = LocalDate.parse("2026-11-30");

    private static final List<Ledger.Totals> DAYS = List.of(
            new Ledger.Totals(
                    TODAY.minusDays(1),
                    List.of(
                            new Ledger.Row("acme", "test.a", "one", "m", 1, 10, 2, 3, 100, 0),
                            new Ledger.Row("", "test.b", "two", "m", 1, 10, 2, 3, 500, 7))),
            new Ledger.Totals(TODAY, List.of(new Ledger.Row("acme", "test.a", "one", "m", 2, 20, 4, 6, 300, 1))));

    private static CostQuery query(String day, String from, String to, String by) {
        return CostQuery.of(day, from, to, by, TODAY);
    }

    private static List<String> rows(String by) {
        return query("", "2026-11-29", "", by).tell(DAYS).rows().stream()
                .map(r -> r.day() + " " + r.tenant() + " " + r.workflow() + " " + r.endpoint() + " " + r.model() + " "
                        + r.calls() + " " + r.inputTokens() + " " + r.costMicros() + " " + r.uncertainMicros())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', '', 2026-11-30, 2026-11-30",
        "2026-01-02, '', '', 2026-01-02, 2026-01-02",
        "'', 2026-11-01, '', 2026-11-01, 2026-11-30",
        "'', '', 2026-11-01, 2026-11-01, 2026-11-01",
        "'', 2026-10-31, 2026-11-30, 2026-10-31, 2026-11-30"
    })
    void theDaysAreThoseThatWereAskedFor(String day, String from, String to, LocalDate first, LocalDate last) {
        assertThat(query(day, from, to, "").from()).isEqualTo(first);
        assertThat(query(day, from, to, "").to()).isEqualTo(last);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "30.11.2026 | '' | '' | '' | day must be a day such as 2026-11-30, was '30.11.2026'",
                "2026-11-30 | 2026-11-30 | '' | '' | give either day or from and to",
                "'' | 2026-10-30 | '' | '' | from and to must be 1 to 31 days",
                "'' | 2026-12-01 | '' | '' | from and to must be 1 to 31 days",
                "'' | '' | '' | 'endpoint,cost' | by must be some of day, tenant, workflow, endpoint, model",
                "'' | '' | '' | 'endpoint,' | by must be some of"
            })
    void whatIsNotValidIsSaid(String day, String from, String to, String by, String message) {
        assertThatThrownBy(() -> query(day, from, to, by)).hasMessageContaining(message);
    }

    @Test
    void rowsOfSeveralDaysAreOneUnlessTheDayIsAskedForAndTheDearestComesFirst() {
        assertThat(rows("")).containsExactly("null  test.b two m 1 10 500 7", "null acme test.a one m 3 30 400 1");
        assertThat(rows("day,endpoint"))
                .containsExactly(
                        "2026-11-29 null null two null 1 10 500 7",
                        "2026-11-30 null null one null 2 20 300 1",
                        "2026-11-29 null null one null 1 10 100 0");
    }

    @Test
    void theTotalIsOfAllRows() {
        CallViews.CostRow total = query("", "", "", "model").tell(DAYS).total();
        assertThat(total).isEqualTo(new CallViews.CostRow(null, null, null, null, null, 4, 40, 8, 12, 900, 8));
        assertThat(query("", "", "", "").tell(List.of()).total().calls()).isZero();
    }
}
