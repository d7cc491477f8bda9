// Owns server reflection, so that grpcurl and buf curl need no proto files. Needs no API key.
import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { file_google_rpc_status } from '../../proto/gen/google/rpc/status_pb.ts';

export function addReflection(
  server: Server,
  services: readonly { readonly typeName: string; readonly file: DescFile }[],
): void {
  const files = new Map<string, Buffer>();
  for (const service of services) collect(service.file, files);
  // What error details are made of: no service names it, but a client that prints an error asks for it.
  collect(file_google_rpc_status, files);
  const fileDescriptorProtos = [...files.values()];
  const format = 'Protocol Buffer 3 DescriptorProto';
  const reflection = new ReflectionService(
    { files: { format, type: {}, fileDescriptorProtos } },
    { services: services.map((service) => service.typeName) },
  );
  reflection.addToServer(server);
}

function collect(file: DescFile, files: Map<string, Buffer>): void {
  if (files.has(file.name)) return;
  files.set(file.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
  for (const dependency of file.dependencies) collect(dependency, files);
}
