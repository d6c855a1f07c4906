package dev.kimi.test.support;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/**
 * A certificate for the loopback interface, signed by itself, with a key made for this start. It is put together by
 * hand, since the platform reads certificates but does not make them.
 *
 * @param certificate the certificate in PEM
 * @param pkcs8 its private key in PEM
 */
public record TestCertificate(String certificate, byte[] pkcs8) {

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0C;
    private static final int UTC_TIME = 0x17;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION_TAG = 0xA0;
    private static final int EXTENSIONS_TAG = 0xA3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private static final byte[] VERSION_3 = {INTEGER, 1, 2};
    private static final byte[] TRUE = {0x01, 1, (byte) 0xFF};
    private static final byte[] ECDSA_WITH_SHA256 = oid(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02);
    private static final byte[] COMMON_NAME = oid(0x55, 0x04, 0x03);
    private static final byte[] SUBJECT_ALT_NAME = oid(0x55, 0x1D, 0x11);
    private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1D, 0x13);

    /** Makes a new one for {@code localhost}, {@code 127.0.0.1}, {@code ::1} and the given address. */
    public static TestCertificate create(String host) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            byte[] content = content(pair, host);
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(content);
            byte[] algorithm = tagged(SEQUENCE, ECDSA_WITH_SHA256);
            byte[] signed = tagged(SEQUENCE, content, algorithm, bits(signature.sign()));
            return new TestCertificate(
                    pem("CERTIFICATE", signed),
                    ascii(pem("PRIVATE KEY", pair.getPrivate().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this platform lacks elliptic curve keys", e);
        }
    }

    private static byte[] content(KeyPair pair, String host) {
        byte[] serial = tagged(
                INTEGER, new BigInteger(1, address(host)).add(BigInteger.ONE).toByteArray());
        byte[] commonName = tagged(SEQUENCE, COMMON_NAME, tagged(UTF8_STRING, ascii("kimi-simulator")));
        byte[] name = tagged(SEQUENCE, tagged(SET, commonName));
        byte[] validity =
                tagged(SEQUENCE, tagged(UTC_TIME, ascii("200101000000Z")), tagged(UTC_TIME, ascii("491231235959Z")));
        byte[] version = tagged(VERSION_TAG, VERSION_3);
        byte[] algorithm = tagged(SEQUENCE, ECDSA_WITH_SHA256);
        byte[] key = pair.getPublic().getEncoded();
        return tagged(SEQUENCE, version, serial, algorithm, name, validity, name, key, extensions(host));
    }

    private static byte[] extensions(String host) {
        byte[] names = tagged(
                SEQUENCE,
                tagged(DNS_NAME, ascii("localhost")),
                tagged(IP_ADDRESS, address("127.0.0.1")),
                tagged(IP_ADDRESS, address("::1")),
                tagged(IP_ADDRESS, address(host)));
        byte[] alternative = tagged(SEQUENCE, SUBJECT_ALT_NAME, tagged(OCTET_STRING, names));
        byte[] authority = tagged(SEQUENCE, BASIC_CONSTRAINTS, TRUE, tagged(OCTET_STRING, tagged(SEQUENCE, TRUE)));
        return tagged(EXTENSIONS_TAG, tagged(SEQUENCE, alternative, authority));
    }

    private static byte[] address(String host) {
        try {
            return InetAddress.getByName(host).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address", e);
        }
    }

    private static byte[] oid(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return tagged(0x06, content);
    }

    private static byte[] bits(byte[] bytes) {
        return tagged(BIT_STRING, new byte[] {0}, bytes);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        length(out, content.size());
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static void length(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    @Override
    public String toString() {
        return "TestCertificate[pkcs8=****]";
    }
}
