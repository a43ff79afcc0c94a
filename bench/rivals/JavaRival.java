import com.ericsson.otp.erlang.OtpErlangObject;
import com.ericsson.otp.erlang.OtpInputStream;
import com.ericsson.otp.erlang.OtpOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Jinterface at the same work as our codec: `JavaRival FILE SECONDS` prints one JSON object. */
public class JavaRival {
  static double cpu() {
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  static void decode(byte[] bytes) throws Exception {
    new OtpInputStream(bytes).read_any();
  }

  static void encode(OtpErlangObject term) {
    OtpOutputStream out = new OtpOutputStream();
    out.write(131);
    out.write_any(term);
  }

  static double rate(byte[] bytes, OtpErlangObject term, double seconds) throws Exception {
    double before = 0, end = 0;
    long count = 0;
    for (int round = 0; round < 2; round++) {
      before = cpu();
      count = 0;
      end = System.nanoTime() / 1e9 + (round == 0 ? 1 : seconds);
      while (System.nanoTime() / 1e9 < end)
        for (int k = 0; k < 500; k++, count++) {
          if (term == null) decode(bytes);
          else encode(term);
        }
    }
    return count / (cpu() - before);
  }

  public static void main(String[] words) throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of(words[0]));
    double seconds = Double.parseDouble(words[1]);
    OtpErlangObject term = new OtpInputStream(bytes).read_any();
    System.out.printf(
        "{\"decode_per_cpu_s\":%.0f,\"encode_per_cpu_s\":%.0f}%n", rate(bytes, null, seconds), rate(bytes, term, seconds));
  }
}
