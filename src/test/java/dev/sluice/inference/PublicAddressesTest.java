package dev.sluice.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses and URLs lead into networks that are nobody else's business. */
class PublicAddressesTest {
    /** Names of a test's own: no name server is asked. */
    private static final Map<String, String> NAMES = Map.of(
            "example.org", "93.184.215.14",
            "inside.example.org", "10.1.2.3",
            "metadata.internal", "169.254.169.254",
            "localhost", "127.0.0.1");

    private static InetAddress[] resolved(String host) throws UnknownHostException {
        if (host.equals("both.example.org")) {
            return new InetAddress[] {InetAddress.getByName("93.184.215.14"), InetAddress.getByName("fd00::1")};
        }
        if (!NAMES.containsKey(host)) throw new UnknownHostException(host);
        return new InetAddress[] {InetAddress.getByName(NAMES.get(host))};
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, unspecified",
        "0.1.2.3, unspecified",
        "10.0.0.0, private",
        "10.255.255.255, private",
        "100.64.0.1, carrier",
        "100.127.255.255, carrier",
        "127.0.0.1, loopback",
        "127.255.0.1, loopback",
        "169.254.169.254, link-local",
        "172.16.0.1, private",
        "172.31.255.255, private",
        "192.0.0.8, reserved",
        "192.0.2.1, reserved",
        "192.168.1.1, private",
        "198.18.0.1, reserved",
        "198.51.100.7, reserved",
        "203.0.113.9, reserved",
        "224.0.0.1, multicast",
        "239.255.255.250, multicast",
        "240.0.0.1, reserved",
        "255.255.255.255, reserved",
        "::, unspecified",
        "::1, loopback",
        "fc00::1, private",
        "fd12:3456::1, private",
        "fe80::1, link-local",
        "fec0::1, private",
        "ff02::1, multicast",
        "::ffff:127.0.0.1, loopback",
        "::ffff:10.0.0.1, private",
        "::7f00:1, reserved",
        "64:ff9b::7f00:1, loopback",
        "64:ff9b::a9fe:a9fe, link-local",
        "64:ff9b:1::1, reserved",
        "2002:7f00:1::, loopback",
        "2002:c0a8:101::1, private",
        "2001:0:1::1, reserved",
        "2001:db8::1, reserved",
        "2a00::5efe:10.0.0.1, private",
        "2a00::200:5efe:127.0.0.1, loopback",
        "100::1, reserved",
        "5f00::1, reserved",
        "3fff:1::1, reserved",
    })
    void anAddressThatIsNotOfTheInternetIsToldByItsKind(String address, String kind) throws UnknownHostException {
        assertThat(PublicAddresses.notPublic(InetAddress.getByName(address)).orElse("public"))
                .contains(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00:1450::1",
                "64:ff9b::101:101",
                "2002:101:101::1",
                "::ffff:1.1.1.1"
            })
    void anAddressOfTheInternetIsPublic(String address) throws UnknownHostException {
        assertThat(PublicAddresses.notPublic(InetAddress.getByName(address))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.org",
                "http://example.org:8080/a.png?b=c@d#e",
                "HTTPS://EXAMPLE.ORG./a%20b",
                "https://93.184.215.14/a",
                "https://[2606:4700::1111]:443/"
            })
    void aPublicUrlPasses(String url) {
        assertThat(PublicAddresses.refusal(url, PublicAddressesTest::resolved)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "http://localhost/ | loopback",
                "http://LOCALHOST./ | loopback",
                "http://inside.example.org/ | private",
                "http://both.example.org/ | private",
                "http://metadata.internal/latest | link-local",
                "http://127.0.0.1:8080/ | loopback",
                "http://127.0.0.1./ | loopback",
                "http://[::1]/ | loopback",
                "http://[::ffff:127.0.0.1]/ | loopback",
                "http://[64:ff9b::7f00:1]/ | loopback",
                "http://127.1/ | unusual",
                "http://127.0.1/ | unusual",
                "http://2130706433/ | unusual",
                "http://0x7f.1/ | unusual",
                "http://0x7f000001/ | unusual",
                "http://0177.0.0.1/ | unusual",
                "http://127.0.0.01/ | unusual",
                "http://127.0.0.1.1/ | unusual",
                "http://1.1.1.256/ | unusual",
                "http://example.org.0x7f/ | unusual",
                "http://0/ | unusual",
                "http://user@127.0.0.1/ | no plain",
                "http://example.org@127.0.0.1/ | no plain",
                "http://example.org:80@127.0.0.1/ | no plain",
                "http://example.org\\@127.0.0.1/ | no plain",
                "http:\\\\127.0.0.1/ | no plain",
                "http:/127.0.0.1/ | no plain",
                "http:///127.0.0.1/ | no plain",
                "http://%31%32%37.0.0.1/ | no plain",
                "http://１２７.0.0.1/ | no plain",
                "http://ⓔxample.org/ | no plain",
                "http://example.org\u0009/ | no plain",
                "http://example.org/a b | no plain",
                "~ http://example.org/~ | no plain",
                "http://[fe80::1%25eth0]/ | no plain",
                "http://[example.org]/ | no plain",
                "file:///etc/passwd | no plain",
                "ftp://example.org/ | no plain",
                "//example.org/ | no plain",
                "~~ | no plain",
                "http://nowhere.example.org/ | not known here",
                "http://[:::::]/ | not known here",
            })
    void aUrlThatLeadsInsideOrThatReadersReadDifferentlyIsRefused(String url, String reason) {
        assertThat(PublicAddresses.refusal(url, PublicAddressesTest::resolved).orElse("passed"))
                .contains(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "localhost, true",
        "::1, true",
        "0.0.0.0, false",
        "::, false",
        "10.0.0.1, false",
        "nowhere.invalid, false"
    })
    void aServerOnLoopbackIsReachedFromItsMachineAlone(String host, boolean loopback) {
        assertThat(PublicAddresses.isLoopback(host)).isEqualTo(loopback);
    }

    private static JsonNode asking(String... images) throws JsonProcessingException {
        String parts = String.join(",", images);
        return new ObjectMapper()
                .readTree("{\"messages\":[{\"role\":\"system\",\"content\":\"x\"},{\"role\":\"user\",\"content\":["
                        + "{\"type\":\"text\",\"text\":\"http://127.0.0.1/\"}," + parts + "]}]}");
    }

    @Test
    void imagesOfARequestAreLookedAtWhereverTheyStand() throws JsonProcessingException {
        String data = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}";
        String upper = "{\"type\":\"image_url\",\"image_url\":\"DATA:image/png;base64,AAAA\"}";
        String inside = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://127.0.0.1/s3cret\"}}";
        String plain = "{\"type\":\"image_url\",\"image_url\":\"http://10.0.0.1/\"}";
        String number = "{\"type\":\"image_url\",\"image_url\":{\"url\":7}}";
        assertThat(ImageUrls.refusal(asking(data, upper))).isEmpty();
        assertThat(ImageUrls.refusal(asking(data, inside)).orElseThrow())
                .contains("/messages/1/content/2/image_url", "a loopback address")
                .doesNotContain("s3cret");
        assertThat(ImageUrls.refusal(asking(plain)).orElseThrow()).contains("a private address");
        assertThat(ImageUrls.refusal(asking(number))).isPresent();
        assertThat(ImageUrls.refusal(new ObjectMapper().readTree("{\"messages\":[]}")))
                .isEmpty();
    }
}
